import { beforeAll, describe, expect, test } from "vitest";
import { maskTimes, readRecordedNetwork, Replay } from "../testing/recorded-network.ts";

describe("ping prints what the real one prints", () => {
  const { setup, commands } = readRecordedNetwork(new URL("fixtures/recorded.jsonl", import.meta.url));
  const replay = new Replay();
  beforeAll(() => replay.start(setup));

  test.each(commands.map((recorded) => [recorded.cmd, recorded] as const))("%s", async (cmd, recorded) => {
    const ours = await replay.run(cmd);
    expect({ ...ours, stdout: maskTimes(ours.stdout), stderr: maskTimes(ours.stderr) }).toEqual({
      ...recorded,
      stdout: maskTimes(recorded.stdout),
      stderr: maskTimes(recorded.stderr),
    });
  });
});

test("a reply to another ping, which wakes it at any time, makes no probe go early", async () => {
  const replay = new Replay();
  const { stdout } = await replay.run(
    `ip link set lo up; ping -i 0.01 127.0.0.1 >/dev/null & sleep 0.1
for n in $(seq 20); do sleep 0.1637; ping -w 2 -i 0.5 127.0.0.1 | grep -o "^[0-9]* packets"; done | sort | uniq -c; kill %1`,
  );
  expect(stdout.trim()).toBe("20 4 packets");
});
