"""Passwords: argon2id, at most two at a time, because each takes 64 MiB and a fifth of a second."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from assess.core.errors import Problem

SHORTEST, LONGEST = 15, 256
FEWEST_DIFFERENT = 5
_AT_ONCE = Semaphore(2)


class Passwords:
    """hasher: tests take a cheap one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self.hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        with _AT_ONCE:
            return self.hasher.hash(_normal(password))

    def is_right(self, stored: str | None, password: str) -> bool:
        """Whether it is the password of the hash. None, nobody's, takes as long and is never right."""
        with _AT_ONCE:
            nobody = self._nobody
            try:
                matches = self.hasher.verify(stored or nobody, _normal(password)[:LONGEST])
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False
        return matches and stored is not None

    @cached_property
    def _nobody(self) -> str:
        return self.hasher.hash("the password of nobody at all")


def password_problems(password: str, email: str) -> list[Problem]:
    """Why a password can't be taken: its length, or that it is too easily guessed. No rules of composition."""
    given = _normal(password)
    problems = []
    if len(given) < SHORTEST:
        problems.append(Problem("The password needs at least {shortest} characters.", {"shortest": SHORTEST}, path="password"))
    if len(given) > LONGEST:
        problems.append(Problem("The password may have at most {longest} characters.", {"longest": LONGEST}, path="password"))
    if len(given) >= SHORTEST and (len(set(given)) < FEWEST_DIFFERENT or given.casefold() == email.casefold()):
        problems.append(Problem("This password is too easy to guess.", {}, path="password"))
    return problems


def _normal(password: str) -> str:
    """One form for characters that keyboards make in different ways."""
    return unicodedata.normalize("NFC", password)
