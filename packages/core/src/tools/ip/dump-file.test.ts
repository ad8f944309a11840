import { beforeAll, describe, expect, test } from "vitest";
import { readRecordedNetwork, Replay } from "../testing/recorded-network.ts";

describe("dumps in files, realms and queues are as with the real ip", () => {
  const { profile, setup, commands } = readRecordedNetwork(new URL("fixtures/dumps.jsonl", import.meta.url));
  const replay = new Replay(profile);
  beforeAll(() => replay.start(setup));

  test.each(commands.map((recorded) => [recorded.cmd, recorded] as const))("%s", async (cmd, recorded) => {
    expect(await replay.run(cmd)).toEqual(recorded);
  });
});
