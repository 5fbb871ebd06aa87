/** A failure of the storage tool that is told in one sentence, Kafka's, on stderr with exit code 1. */
export class TerseFailure extends Error {
  override readonly name = 'TerseFailure';
}
