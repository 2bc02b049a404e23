"""A root lies where Kafka's default partitioner puts its key."""

import random

from aiokafka.partitioner import murmur2 as reference

from messaging.topics import murmur2


def test_the_hash_of_a_key_is_kafkas_whatever_its_length() -> None:
    chosen = random.Random(1)
    keys = [chosen.randbytes(length) for length in range(64) for _ in range(8)]
    assert [murmur2(key) for key in keys] == [reference(key) & 0xFFFFFFFF for key in keys]
