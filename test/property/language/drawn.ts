export interface Drawn {
  readonly text: string;
  /** The part that makes it unlike others. */
  readonly subject: string;
}
