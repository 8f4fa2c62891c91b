"""What an OpenID Connect provider says to a proven e-mail address: the only place that calls anywhere, and only when set up."""
