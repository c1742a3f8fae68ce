"""Where captures come from: each spider fetches from one kind of source and decides nothing."""
