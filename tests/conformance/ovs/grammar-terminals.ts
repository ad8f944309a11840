// What grammars of flows end in: numbers, addresses, ports, fields and parts of them.

import {
  fieldValue,
  matchWords,
  number,
  setFieldWords,
  someField,
  subfield,
  subfieldPair,
} from "./field-words.ts";
import type { Terminal } from "./grammar.ts";
import type { Words } from "./words.ts";

const numbers = [3, 4, 8, 12, 16, 20, 32, 64].map((bits): [string, Terminal] => [
  `u${bits}`,
  (words: Words) =>
    words.pick([number(bits, words), number(bits, words), number(bits, words), String(words.below(4))]),
]);

export const flowTerminals: Readonly<Record<string, Terminal>> = {
  ...Object.fromEntries(numbers),
  hex2: (words) => words.hex(2),
  port: (words) =>
    words.pick(["1", "2", "3", "4", "LOCAL", "IN_PORT", "CONTROLLER", "ANY", "65279", "65280", "p1", "0xfffffffe", "FLOOD",
      "NORMAL", "ALL", "0"]), // prettier-ignore
  table: (words) => words.pick(["0", "1", "2", "3", "10", "100", "254", "255", "256", "0x5", "x"]),
  ip: (words) =>
    words.pick(["10.0.0.1", "192.168.0.200", "255.255.255.255", "1.2.3", "1.2.3.4.5", "10.0.0.1/8", "host"]),
  mac: (words) =>
    words.pick(["50:54:00:00:00:05", "ff:ff:ff:ff:ff:ff", "1:2:3:4:5:6", "1:2:3", "00:11:22:33:44:5g"]),
  sub: subfield,
  pair: subfieldPair,
  eqpair: (words) => subfieldPair(words).replace("->", "="),
  setfield: setFieldWords,
  field: (words) => someField(words).name,
  value: (words) => fieldValue(someField(words), words),
  match: matchWords,
};
