// A web server from what a scenario says of it.
