// watch: what that of procps-ng 4.0 showed of colours and control characters.

import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

test.each([
  ["", "^[[31mred^[[0m a^Ab"],
  ["-c", "\x1b[31mred\x1b[0m a^Ab"],
])("watch %s", async (words, shown) => {
  const replay = new Replay();
  await replay.start([]);
  const { stdout } = await replay.run(
    `TERM=xterm timeout 1 watch -t -n 9 ${words} "printf '\\033[31mred\\033[0m a\\001b\\n'"`,
  );
  expect(stdout).toContain(`${shown}\n`);
});
