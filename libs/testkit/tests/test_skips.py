"""A skip that is not on the committed list fails the run."""

import pytest

pytest_plugins = ["pytester"]

SKIPPING = """
    import pytest

    def test_that_runs(): ...

    @pytest.mark.skip(reason="the export is not here")
    def test_that_is_skipped(): ...
"""


@pytest.fixture(autouse=True)
def _own_process_settings(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = session\nallowed_skips = allowed.toml")
    pytester.makepyfile(test_sample=SKIPPING)


def test_a_skip_that_is_not_listed_fails_the_run(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["NOT AGREED TO*test_that_is_skipped: the export is not here"])


def test_a_listed_skip_is_shown_and_the_run_passes(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("allowed.toml").write_text(
        '[[skip]]\ntests = "test_sample.py::test_that_is_*"\nreason = "needs the export"\n'
    )
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["test_sample.py::test_that_is_skipped: the export is not here"])


def test_a_skipped_module_counts_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_whole='import pytest\npytest.skip("no node here", allow_module_level=True)')
    result = pytester.runpytest_inprocess("test_whole.py", "test_sample.py::test_that_runs")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["NOT AGREED TO*test_whole.py: no node here"])
