import type { Question } from './oracle.ts';

export interface Drawn extends Pick<Question, 'text' | 'before' | 'files'> {
  /** The part that makes it unlike others. */
  readonly subject: string;
}
