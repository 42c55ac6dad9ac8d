"""What every store promises, of every store there is."""

import asyncio
import random

import pytest

from number_api import NumberSet
from number_api.numbers.store import Extraction, NumberStore, Tally

pytestmark = pytest.mark.anyio


async def test_a_new_store_has_the_whole_set(store: NumberStore) -> None:
    assert await store.tally() == Tally(100, 5050)
    assert await store.current_set() == list(range(1, 101))
    await store.check()


async def test_a_number_is_extracted_once(store: NumberStore) -> None:
    assert await store.extract(42) == Extraction(42, was_extracted=True, remaining_count=99)
    assert await store.extract(42) == Extraction(42, was_extracted=False, remaining_count=99)
    assert await store.tally() == Tally(99, 5050 - 42)
    assert await store.current_set() == [number for number in range(1, 101) if number != 42]


async def test_a_reset_puts_every_number_back(store: NumberStore) -> None:
    for number in (1, 50, 100):
        await store.extract(number)
    await store.reset()
    await store.reset()
    assert await store.tally() == Tally(100, 5050)
    assert await store.extract(50) == Extraction(50, was_extracted=True, remaining_count=99)


@pytest.mark.parametrize("seed", range(3))
async def test_any_sequence_of_operations_behaves_as_the_number_set_does(store: NumberStore, seed: int) -> None:
    choose, model = random.Random(seed), NumberSet()
    for _ in range(250):
        if choose.random() < 0.01:
            await store.reset()
            model.reset()
        number = choose.randint(1, 100)
        was_extracted = model.extract(number)
        assert await store.extract(number) == Extraction(number, was_extracted, model.remaining_count)
        assert await store.tally() == Tally(model.remaining_count, model.remaining_sum)
    assert await store.current_set() == model.get_current_set()


async def test_of_many_at_once_exactly_one_extracts_a_number(store: NumberStore) -> None:
    extractions = await asyncio.gather(*(store.extract(number) for number in list(range(1, 11)) * 20))
    winners = [extraction.number for extraction in extractions if extraction.was_extracted]
    assert sorted(winners) == list(range(1, 11))
    assert await store.tally() == Tally(90, 5050 - 55)


async def test_the_first_answer_is_given_again_for_its_idempotency_key(store: NumberStore) -> None:
    first = await store.extract(42, "key")
    await store.extract(43)
    assert await store.extract(42, "key") == first == Extraction(42, was_extracted=True, remaining_count=99)
    assert await store.tally() == Tally(98, 5050 - 42 - 43)


async def test_a_refusal_is_given_again_too(store: NumberStore) -> None:
    await store.extract(42)
    refusal = await store.extract(42, "key")
    await store.reset()
    assert await store.extract(42, "key") == refusal == Extraction(42, was_extracted=False, remaining_count=99)
    assert await store.tally() == Tally(100, 5050)


async def test_an_idempotency_key_outlasts_a_reset(store: NumberStore) -> None:
    first = await store.extract(42, "key")
    await store.reset()
    assert await store.extract(42, "key") == first
    assert await store.tally() == Tally(100, 5050)


async def test_an_idempotency_key_with_another_number_extracts_nothing(store: NumberStore) -> None:
    await store.extract(42, "key")
    assert (await store.extract(43, "key")).number == 42
    assert await store.tally() == Tally(99, 5050 - 42)


async def test_idempotency_keys_do_not_mix(store: NumberStore) -> None:
    await store.extract(42, "key")
    assert await store.extract(42, "another key") == Extraction(42, was_extracted=False, remaining_count=99)


async def test_of_many_retries_at_once_one_extracts_and_all_get_its_answer(store: NumberStore) -> None:
    extractions = await asyncio.gather(*(store.extract(42, "key") for _ in range(50)))
    assert set(extractions) == {Extraction(42, was_extracted=True, remaining_count=99)}
