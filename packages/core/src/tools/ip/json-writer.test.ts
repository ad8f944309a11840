import { expect, test } from "vitest";
import { JsonNumber, JsonWriter } from "./json-writer.ts";

function write(pretty: boolean, fill: (writer: JsonWriter) => void): string {
  let text = "";
  const writer = new JsonWriter((part) => (text += part), pretty);
  fill(writer);
  writer.finish();
  return text;
}

function sample(writer: JsonWriter): void {
  writer.beginArray();
  for (const name of ["a", "b"]) {
    writer.beginObject();
    writer.name("name");
    writer.value(name);
    writer.name("flags");
    writer.beginArray();
    writer.value("UP");
    writer.value("LOWER_UP");
    writer.endArray();
    writer.name("none");
    writer.beginArray();
    writer.endArray();
    writer.name("timer");
    writer.value(new JsonNumber("0.00"));
    writer.endObject();
  }
  writer.endArray();
}

test("compact", () => {
  expect(write(false, sample)).toBe(
    '[{"name":"a","flags":["UP","LOWER_UP"],"none":[],"timer":0.00},{"name":"b","flags":["UP","LOWER_UP"],"none":[],"timer":0.00}]\n',
  );
});

test("pretty, in iproute2's own layout", () => {
  expect(write(true, sample)).toBe(`[ {
        "name": "a",
        "flags": [ "UP","LOWER_UP" ],
        "none": [ ],
        "timer": 0.00
    },{
        "name": "b",
        "flags": [ "UP","LOWER_UP" ],
        "none": [ ],
        "timer": 0.00
    } ]
`);
});

test("an empty list", () => {
  const empty = (writer: JsonWriter): void => {
    writer.beginArray();
    writer.endArray();
  };
  expect(write(false, empty)).toBe("[]\n");
  expect(write(true, empty)).toBe("[ ]\n");
});

test("strings are escaped", () => {
  expect(write(false, (writer) => writer.value('a"b\\c\td\n'))).toBe('"a\\"b\\\\c\\td\\n"\n');
});
