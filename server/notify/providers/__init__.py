"""The rim of notices: the company's mail server, and the servers that webhooks go to."""
