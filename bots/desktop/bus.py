"""A D-Bus connection for synchronous code: asyncio lives in one helper thread and nowhere else."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from bots.desktop.driver import DriverFrozen, DriverGone

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

AT_ONCE = 32
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One method call: `to` is (bus name, object path)."""

    to: tuple[str, str]
    interface: str
    member: str
    signature: str = ""
    body: tuple[Any, ...] = ()


class Refused(Exception):
    """The other side answered with an error: unknown method, interface or property, or its own refusal."""


class Bus:
    """A connection with at most `AT_ONCE` calls under way. Raises DriverGone, DriverFrozen, Refused."""

    def __init__(self, address: str, seconds: float) -> None:
        self.seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="desktop-bus", daemon=True)
        self._thread.start()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._bus: MessageBus = self._wait(self._connect(address))

    async def _connect(self, address: str) -> MessageBus:
        from dbus_fast.aio import MessageBus

        bus = await asyncio.wait_for(MessageBus(bus_address=address).connect(), self.seconds)
        self._end = asyncio.ensure_future(_until_end(bus))
        return bus

    def _wait(self, coroutine: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(seconds)
        except (EOFError, ConnectionError) as error:
            raise DriverGone(str(error)) from error
        except concurrent.futures.TimeoutError as error:
            future.cancel()
            raise DriverFrozen("no answer") from error

    def call(self, call: Call, seconds: float | None = None) -> Any:
        """The first value of the answer (None for an empty one)."""
        return self._wait(self._call(call, seconds or self.seconds))

    def calls(self, calls: Iterable[Call]) -> list[Any]:
        """All answers, in order; an exception of this class's kinds stands in place of an answer that
        failed."""
        return self._wait(self._all(list(calls)))

    async def _all(self, calls: Sequence[Call]) -> list[Any]:
        return await asyncio.gather(*(self._call(c, self.seconds) for c in calls), return_exceptions=True)

    async def _call(self, call: Call, seconds: float) -> Any:
        from dbus_fast import Message, MessageType

        message = Message(
            destination=call.to[0],
            path=call.to[1],
            interface=call.interface,
            member=call.member,
            signature=call.signature,
            body=list(call.body),
        )
        async with self._gate:
            try:
                reply = await asyncio.wait_for(self._bus.call(message), seconds)
            except TimeoutError as error:
                raise DriverFrozen(f"{call.member}: no answer within {seconds:g} s") from error
        if reply is None:
            raise DriverGone("the bus is closed")
        if reply.message_type is MessageType.ERROR:
            raise _failure(reply.error_name or "", f"{call.member}: {reply.body}")
        return reply.body[0] if reply.body else None

    def close(self) -> None:
        """Ends the connection and the thread."""

        async def end() -> None:
            self._bus.disconnect()

        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(self.seconds)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(self.seconds)
            self._loop.close()


async def _until_end(bus: MessageBus) -> None:
    """Takes note of the connection's end; the calls under way tell it to whoever made them."""
    try:
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
    except (EOFError, OSError):
        return


_GONE = ("ServiceUnknown", "NameHasNoOwner", "Disconnected", "NoReply", "UnknownObject", "Timeout")


def _failure(name: str, text: str) -> Exception:
    """`NoReply` is what the bus daemon says when the other side left before it answered."""
    return DriverGone(text) if name.rpartition(".")[2] in _GONE else Refused(text)
