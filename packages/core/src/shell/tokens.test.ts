// Whatever stands in a script, the shell ends with a status: no exception, no endless loop.

import * as fc from "fast-check";
import { test } from "vitest";
import { coreutils } from "../tools/coreutils/programs.ts";
import { shellPrograms } from "./programs.ts";
import { runBash } from "./testing/test-system.ts";

const programs = Object.fromEntries([...coreutils, ...shellPrograms]);

const tokens = (
  "if then else fi for i in do done while until case esac x y=1 $x ${x } ${x:- \" ' ` $( ) (( )) [[ ]] [ ] { | & && || ; ;; " +
  "< >/tmp/o <<E <<<a 2>&1 >&- $(( 1 + /0 ** echo read printf %d a * ? [a- ! # ~ \\ = += -e set -eu trap EXIT exit return " +
  'break local declare -A a=(1 2) ${a[@]} ${a[-5]} ${!x} ${x// ${x:1: eval exec kill %1 wait f() f export test "$@" $! ' +
  "=~ ++ {1..3} {a,b <( >( select time coproc let shift unset %q head -c -t 0.1 3>&1 exec 3< /dev/fd/3 caller mapfile " +
  "${x@Q} ${x^^} 10# PIPESTATUS cd pushd type jobs fg shopt -s xargs env timeout date +% ls -l od uniq diff grep seq cat"
).split(" ");

test("any sequence of tokens", async () => {
  const script = fc
    .tuple(fc.array(fc.constantFrom(...tokens, "\n"), { maxLength: 15 }), fc.constantFrom(" ", ""))
    .map(([words, separator]) => words.join(separator));
  await fc.assert(
    fc.asyncProperty(script, async (text) => {
      await runBash(`timeout 3 bash -c '${text.replaceAll("'", "'\\''")}'`, { programs });
    }),
    { numRuns: 300 },
  );
});
