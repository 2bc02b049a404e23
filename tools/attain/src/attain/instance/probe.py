"""Ask a local service whether it is ready."""

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException


def answers(port: int, path: str) -> bool:
    """Whether the loopback port answers the path with 200; no proxy is asked, whatever the environment says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
