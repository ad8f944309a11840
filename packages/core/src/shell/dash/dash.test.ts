// Messages and exit codes of `sh -c`, as dash 0.5.12 of Debian 12 printed them.

import { expect, test } from "vitest";
import { coreutils } from "../../tools/coreutils/programs.ts";
import { runProgram } from "../testing/test-system.ts";

test.each([
  ["nosuchcmd", "sh: 1: nosuchcmd: not found\n", 127],
  ["./nope", "sh: 1: ./nope: not found\n", 127],
  ["true < nope", "sh: 1: cannot open nope: No such file\n", 2],
  ["echo x > /nope/y", "sh: 1: cannot create /nope/y: Directory nonexistent\n", 2],
  ["cd /nope", "sh: 1: cd: can't cd to /nope\n", 2],
  ["[ abc -eq 1 ]", "sh: 1: [: Illegal number: abc\n", 2],
  ["[ 1 -eq 1", "sh: 1: [: missing ]\n", 2],
  ["set -u; echo $foo", "sh: 1: foo: parameter not set\n", 2],
  ["echo ${foo:?bar: unbound variable}", "sh: 1: foo: bar: unbound variable\n", 2],
  ["readonly x=1; x=2; echo after", "sh: 1: x: is read only\n", 2],
  ["nosuch1\nnosuch2", "sh: 1: nosuch1: not found\nsh: 2: nosuch2: not found\n", 127],
  ["echo $((1/0))", 'sh: 1: arithmetic expression: division by zero: "1/0"\n', 2],
  ["echo $((1+))", 'sh: 1: arithmetic expression: expecting primary: "1+"\n', 2],
  ["x=abc; echo $((x))", "sh: 1: Illegal number: abc\n", 2],
  ["shift 5; echo no", "sh: 1: shift: can't shift that many\n", 2],
  ["export 1x=2; echo no", "sh: 1: export: 1x: bad variable name\n", 2],
  ["readonly r=1; unset r; echo no", "sh: 1: unset: r: is read only\n", 2],
  [". ./nofile; echo no", "sh: 1: .: cannot open ./nofile: No such file\n", 2],
  ["set -o pipefail; echo no", "sh: 1: set: Illegal option -o pipefail\n", 2],
  ["source nofile", "sh: 1: source: not found\n", 127],
  ["[ a == a ]", "sh: 1: [: a: unexpected operator\n", 2],
  ["if then fi", 'sh: 1: Syntax error: "then" unexpected\n', 2],
  ["for i in 1 2\n  echo $i\ndone", 'sh: 2: Syntax error: word unexpected (expecting "do")\n', 2],
  ["if true; then\n:", 'sh: 2: Syntax error: end of file unexpected (expecting "fi")\n', 2],
  ['echo "abc', "sh: 1: Syntax error: Unterminated quoted string\n", 2],
  ["eval 'echo )'", 'sh: 1: eval: Syntax error: ")" unexpected\n', 2],
  ["echo ${x//a/b}; echo no", "sh: 1: Bad substitution\n", 2],
  ["exit 1x", "sh: 1: exit: Illegal number: 1x\n", 2],
  ["return 3; echo no", "", 3],
  ['set -x; a=1; [ "$a b" = x ]', "+ a=1\n+ [ 1 b = x ]\n", 1],
])("%s", async (script, stderr, code) => {
  const outcome = await runProgram(["sh", "-c", script], { programs: Object.fromEntries(coreutils) });
  expect(outcome).toMatchObject({ stdout: "", stderr, code });
});

test("echo and words", async () => {
  const script =
    "echo 'a\\tb' -e '\\0101\\c no'; echo; echo -n x; echo -e y; echo {1..3} $'z' $RANDOM $-; type echo export nope";
  const outcome = await runProgram(["sh", "-c", script], { programs: Object.fromEntries(coreutils) });
  expect(outcome).toMatchObject({
    stdout:
      "a\tb -e A\nx-e y\n{1..3} $z\necho is a shell builtin\nexport is a special shell builtin\nnope: not found\n",
    stderr: "",
    code: 127,
  });
});
