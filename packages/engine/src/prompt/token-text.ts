/** Turns tokens into text as they come: a character whose bytes are spread over tokens leaves with its last token. */
export class TokenText {
  private readonly decoder = new TextDecoder();
  private readonly piece: (token: number) => Uint8Array;

  constructor(piece: (token: number) => Uint8Array) {
    this.piece = piece;
  }

  /** Text that became complete with this token; may be empty. */
  push(token: number): string {
    return this.decoder.decode(this.piece(token), { stream: true });
  }

  /** What is left when no token follows: a cut character becomes U+FFFD. */
  flush(): string {
    return this.decoder.decode();
  }
}
