import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { linkSyntaxes } from "../../links/syntax.ts";
import { createIp } from "./ip.ts";
import { runRecorded } from "./testing/recorded-system.ts";
import type { Recording } from "./testing/recorded-system.ts";

const ip = createIp(linkSyntaxes);

describe.each(["links", "addresses", "routes", "neighbours-and-rules", "statistics"])("%s", (name) => {
  const text = readFileSync(new URL(`fixtures/${name}.jsonl`, import.meta.url), "utf8");
  const [first = "[]", ...lines] = text.trimEnd().split("\n");
  const datagrams = JSON.parse(first) as string[];
  const recordings = lines.map((line) => JSON.parse(line) as Recording);

  test.each(
    recordings.map((recording, index) => [`${index} ${recording.argv.join(" ")}`, recording] as const),
  )("%s", async (_, recording) => {
    const { argv, stdout, stderr, rc } = recording;
    const outcome = await runRecorded(ip, argv, recording, datagrams);
    expect(outcome).toEqual({ stdout, stderr, rc });
  });
});
