"""leaks.py finds each kind of leak, and takes no honest build for one."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import leaks  # noqa: E402

PLACES = leaks.Places(Path("/p/build"), Path("/p/src"), Path("/p/sysroot"), "aarch64-linux-gnu")
SYSROOT = "--sysroot=/p/sysroot"


def command(options: str) -> list[dict[str, str]]:
    return [{"directory": "/p/build", "file": "a.cpp", "command": f"g++ {options} -c a.cpp"}]


def elf(machine: str = "AArch64", lines: str = "") -> str:
    return f"  Machine:                           {machine}\n{lines}"


class Leaks(unittest.TestCase):
    def test_include_paths_in_source_build_and_sysroot_are_none(self) -> None:
        options = f"{SYSROOT} -I/p/src/base -Igenerated -isystem /p/sysroot/usr/include/opencv4 -isystem /p/src/../src/x"
        self.assertEqual([], list(leaks.include_paths(command(options), PLACES)))

    def test_an_include_path_of_this_machine_is_one_however_it_is_spelt(self) -> None:
        for option in ("-I/usr/include", "-isystem /usr/include", "-I /usr/include", "-I/p/src/../../usr/include"):
            with self.subTest(option):
                found = list(leaks.include_paths(command(f"{SYSROOT} {option}"), PLACES))
                self.assertEqual(["a.cpp: looks for headers in /usr/include"], found)

    def test_a_compilation_without_the_sysroot_is_one(self) -> None:
        self.assertEqual(["a.cpp: compiled with sysroot ''"], list(leaks.include_paths(command("-I/p/src"), PLACES)))

    def test_headers_of_this_machine_are_some_even_those_that_came_with_the_cross_compiler(self) -> None:
        listed = ("a.o: #deps 4, deps mtime 1 (VALID)\n    ../src/a.cpp\n    /p/sysroot/usr/include/stdio.h\n"
                  "    /usr/aarch64-linux-gnu/include/stdio.h\n    /usr/include/doctest/doctest.h\n")
        self.assertEqual(["a header of this machine was read: /usr/aarch64-linux-gnu/include/stdio.h",
                          "a header of this machine was read: /usr/include/doctest/doctest.h"],
                         list(leaks.headers(listed, PLACES)))

    def test_start_files_and_libraries_of_this_machine_are_some(self) -> None:
        trace = ("/p/sysroot/usr/lib/aarch64-linux-gnu/Scrt1.o\nCMakeFiles/a.o\n../src/liba.a(b.o)\n"
                 "/usr/lib/gcc-cross/aarch64-linux-gnu/12/../../../../aarch64-linux-gnu/lib/libm.so\n")
        self.assertEqual(["x: linked with /usr/aarch64-linux-gnu/lib/libm.so"], list(leaks.linked("x", trace, PLACES)))

    def test_a_program_for_another_processor_or_with_a_search_path_is_one(self) -> None:
        self.assertIn("built for Advanced", next(leaks.needs("x", elf("Advanced"), PLACES)))
        line = " 0x1d (RUNPATH)            Library runpath: [/usr/lib/x86_64-linux-gnu]\n"
        self.assertEqual(["x: looks for libraries in /usr/lib/x86_64-linux-gnu"],
                         list(leaks.needs("x", elf(lines=line), PLACES)))

    def test_a_library_that_the_sysroot_does_not_have_is_one(self) -> None:
        line = " 0x01 (NEEDED)             Shared library: [libhere.so.1]\n"
        self.assertEqual(["x: needs libhere.so.1, which the sysroot does not have"],
                         list(leaks.needs("x", elf(lines=line), PLACES)))


if __name__ == "__main__":
    unittest.main()
