"""Whose turn it is: never more than allowed, nobody forgotten."""

from __future__ import annotations

import asyncio

from device_sim.turns import Turns


def test_turns_follow_what_is_allowed_now() -> None:
    async def run() -> None:
        allowed = 1
        turns = Turns(lambda: allowed)
        order: list[str] = []

        async def body(name: str, *, first: bool = False) -> None:
            await turns.take(first=first)
            order.append(name)

        tasks = [asyncio.create_task(body(name)) for name in "abc"]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(body("resumed", first=True)))
        await asyncio.sleep(0)
        assert (order, turns.taken) == (["a"], 1)
        turns.give_back()
        await asyncio.sleep(0)
        assert order == ["a", "resumed"], "what had begun goes before what had not"
        allowed = 3
        turns.review()
        await asyncio.gather(*tasks)
        assert order == ["a", "resumed", "b", "c"]
        assert turns.taken == 3
        allowed = 0
        for _ in range(3):
            turns.give_back()
        assert turns.taken == 0

    asyncio.run(run())


def test_who_goes_away_takes_no_turn_with_him() -> None:
    async def run() -> None:
        turns = Turns(lambda: 1)
        await turns.take()
        waiting = asyncio.create_task(turns.take())
        called = asyncio.create_task(turns.take())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        turns.give_back()
        called.cancel()  # It has its turn already, and is ended before it could use it.
        await asyncio.gather(called, return_exceptions=True)
        assert turns.taken == 0
        await asyncio.wait_for(turns.take(), 5)

    asyncio.run(run())
