"""What happens to every capture, in the order of `settings.ITEM_PIPELINES`."""
