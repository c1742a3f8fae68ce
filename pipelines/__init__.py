"""The steps for every capture, in the order of `settings.ITEM_PIPELINES`."""
