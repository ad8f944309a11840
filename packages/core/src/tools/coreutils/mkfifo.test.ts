// Named pipes between programs, and what the real mkfifo and stat printed for the same commands.

import { expect, test } from "vitest";
import { runEmbedded } from "../testing/run-embedded.ts";

test.each([
  [
    "mkfifo p; ls -l p | head -c 10; echo; (echo hello > p &); cat p; stat -c '%F %a %s' p; [ -p p ] && echo pipe",
    "prw-r--r--\nhello\nfifo 644 0\npipe\n",
  ],
  [
    "mkfifo p; (sleep 1; printf 'a\\nb\\n' > p) & while read -r l; do echo \"got $l\"; done < p; echo $SECONDS",
    "got a\ngot b\n1\n",
  ],
  ["mkfifo p; exec 3<>p; echo both >&3; read -r x <&3; echo $x", "both\n"],
  ["mkfifo p; cat p & { echo one; sleep 0.1; echo two; } > p; wait", "one\ntwo\n"],
  ["mkfifo p; head -1 p & yes > p; echo $?; wait", "y\n141\n"],
  [
    "mkfifo p; timeout 1 cat p; echo $?; mkfifo p /nope/x",
    "124\nmkfifo: cannot create fifo 'p': File exists\nmkfifo: cannot create fifo '/nope/x': No such file or directory\n",
  ],
])("%s", async (script, text) => {
  expect(await runEmbedded(script)).toBe(text);
});
