/** Thrown by whatever reads flow syntax: the message is Open vSwitch's, to be shown to the user. */
export class TextError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}
