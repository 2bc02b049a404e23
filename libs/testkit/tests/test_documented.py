"""Fenced blocks are found with their marks."""

import pytest

from testkit.documented import read

PAGE = """\
# A page

<!-- run: instance -->
```bash
curl "$TARGETS/v1/me"
```

1. in a list

   ~~~json
   {"a":
     1}
   ~~~

<!-- not run: a picture -->
````text
```
````
"""


def test_blocks_are_found_with_language_text_line_and_mark() -> None:
    command, data, picture = read(PAGE, "page.md")
    assert (command.language, command.text, command.run) == ("bash", 'curl "$TARGETS/v1/me"', "instance")
    assert (data.language, data.text, data.run, data.not_run) == ("json", '{"a":\n  1}', None, None)
    assert (picture.text, picture.not_run) == ("```", "a picture")
    assert str(data) == "page.md:10"


def test_a_fence_that_is_never_closed_is_a_fault() -> None:
    with pytest.raises(ValueError, match=r"page\.md:1: the fence is never closed"):
        list(read("```bash\nls\n", "page.md"))
