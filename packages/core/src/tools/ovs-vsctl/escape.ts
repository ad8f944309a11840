// Words of a command line put together so that a shell would take them apart again, as Open vSwitch's logs show them.

export function escapeWords(words: readonly string[]): string {
  return words.map(escapeWord).join(" ");
}

function escapeWord(word: string): string {
  if (word !== "" && !/[ \t'"\\]/.test(word)) return word;
  return `"${word.replace(/[\\"]/g, "\\$&")}"`;
}
