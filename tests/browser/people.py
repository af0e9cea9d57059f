"""A Jupyter server with several people, told apart by a cookie as on a hub by the login."""

from typing import Any

from jupyter_server.auth import User
from jupyter_server.auth.identity import PasswordIdentityProvider

COOKIE = "person"

NAMES = {"ann": "Ann Lee", "ben": "Ben Ott"}

AT_THE_SERVER = "--ServerApp.identity_provider_class=tests.browser.people.ByCookie"


class ByCookie(PasswordIdentityProvider):
    """Names the person by the cookie; a person without the cookie gets a name that the server makes up."""

    def get_user(self, handler: Any) -> Any:
        """Return the person of a request."""
        login = handler.get_cookie(COOKIE)
        if not login:
            return super().get_user(handler)
        return User(login, NAMES[login], NAMES[login])


def log_in(page: Any, url: str, login: str) -> None:
    """Give a page's profile the cookie of a person."""
    page.context.add_cookies([{"name": COOKIE, "value": login, "url": url}])
