/** Why a filter was refused, in libpcap's words (pcap_geterr()). The tool puts its name in front. */
export class FilterError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Ends the compilation. */
export function refuse(text: string): never {
  throw new FilterError(text);
}
