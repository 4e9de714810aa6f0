"""Where servers listen."""

import socket
from ipaddress import ip_address

from warehouse.errors import UsageError


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_open_host(host: str, setting: str) -> None:
    """Raises UsageError where others can reach the host; setting: the one that is not set and would have the token."""
    if not is_loopback(host):
        raise UsageError(
            f"{host} can be reached by others, and no token is set",
            f"Set {setting}, and put a proxy that speaks TLS in front.",
        )


def listen(host: str, port: int, another: str) -> socket.socket:
    """A socket that listens; another: the command that takes another port. Raises UsageError where the port is in
    use."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}", f"Another port: {another}") from None
    return listening
