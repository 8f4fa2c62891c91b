"""How requests get to the app and answers leave it: read whole before a thread takes them, however slowly they come.

`listening` is waitress as both ways of running want it: `kam-assess serve`, and each process of gunicorn (`gunicorn_worker`).
"""
