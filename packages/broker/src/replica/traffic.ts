/** What went into and out of a partition since this broker has it. */
export class Traffic {
  messagesIn = 0;
  bytesIn = 0;
  bytesOut = 0;

  /** Adds what another one has counted. */
  add({ messagesIn, bytesIn, bytesOut }: Traffic): void {
    this.messagesIn += messagesIn;
    this.bytesIn += bytesIn;
    this.bytesOut += bytesOut;
  }
}
