"""The asynchronous client of a package, used like its synchronous one, so that one test shows both."""

import asyncio
import inspect


class InStep:
    """Whatever is asked of it, is asked of the asynchronous object inside and awaited."""

    def __init__(self, inner, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = inner
        self._loop = loop

    def __getattr__(self, name: str):
        value = getattr(self._inner, name)
        if not callable(value):
            return value
        return lambda *args, **options: self._settled(value(*args, **options))

    def _settled(self, result):
        if inspect.isasyncgen(result):
            return self._loop.run_until_complete(drained(result))
        if inspect.isawaitable(result):
            return self._loop.run_until_complete(result)
        if type(result).__name__.endswith("Async"):
            return InStep(result, self._loop)
        return result


async def drained(generator) -> list:
    return [item async for item in generator]
