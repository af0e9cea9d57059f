"""A test whose tool is missing is left out, or fails where the tool is required."""

import pytest

from tests import tools

CONFTEST = (tools.ROOT / "tests" / "conftest.py").read_text()

TWO_TESTS = """
    import pytest

    @pytest.mark.needs("unicorn")
    def test_with_unicorn():
        raise AssertionError("must not run without a unicorn")

    @pytest.mark.needs("python")
    def test_with_python():
        pass
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """A project with our conftest, on a machine that has python and no unicorn."""
    monkeypatch.delenv("NBHITL_REQUIRE", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setitem(tools.TOOLS, "unicorn", tools.Tool("unicorn", lambda: False, "look in a wood"))
    monkeypatch.setitem(tools.TOOLS, "python", tools.Tool("python", lambda: True, "you have it"))
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TWO_TESTS)
    return pytester


def test_without_the_tool_is_left_out_and_the_table_says_so(project):
    result = project.runpytest()
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "*left out: a tool is missing*",
            "tool * tests left out * how to get it",
            "unicorn * 1 * look in a wood",
        ]
    )


def test_no_table_where_nothing_is_missing(project):
    result = project.runpytest("-k", "python")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*left out*")


@pytest.mark.parametrize("setting", ["all", "unicorn", "python, unicorn"])
def test_without_a_required_tool_fails(project, monkeypatch, setting):
    monkeypatch.setenv("NBHITL_REQUIRE", setting)
    result = project.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["unicorn is missing: look in a wood (required by NBHITL_REQUIRE)"])


def test_all_does_not_require_tools_that_this_machine_cannot_have(project, monkeypatch):
    impossible = tools.Tool("unicorn of iron", lambda: False, "wait for it", can_be_had=lambda: False)
    monkeypatch.setitem(tools.TOOLS, "unicorn", impossible)
    monkeypatch.setenv("NBHITL_REQUIRE", "all")
    result = project.runpytest()
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["unicorn * 1 * wait for it"])


def test_without_the_tool_is_left_out_where_a_different_tool_is_required(project, monkeypatch):
    monkeypatch.setenv("NBHITL_REQUIRE", "python")
    project.runpytest().assert_outcomes(passed=1, skipped=1)


def test_unknown_tool_in_the_setting_is_refused(project, monkeypatch):
    monkeypatch.setenv("NBHITL_REQUIRE", "unicron")
    result = project.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*NBHITL_REQUIRE names unicron; the tools are *unicorn*"])


def test_unknown_tool_in_a_marker_is_refused(project):
    project.makepyfile(
        test_typo="""
        import pytest

        @pytest.mark.needs("unicron")
        def test_typo():
            pass
        """
    )
    result = project.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_typo names unicron; the tools are *"])


def test_accept_is_off_unless_asked_for(project):
    project.makepyfile("def test_it(accept): assert accept")
    project.runpytest().assert_outcomes(failed=1)
    project.runpytest("--accept").assert_outcomes(passed=1)
