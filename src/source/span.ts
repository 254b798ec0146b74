// Places in source text. This folder is a leaf: everything may import it, it imports nothing.

declare const brand: unique symbol;

/** Index of a file in a `SourceMap`. */
export type FileId = number & { readonly [brand]: 'file' };

/** A half-open stretch of one file, in UTF-16 code units from its start; line and column are derived on demand. */
export interface Span {
  readonly file: FileId;
  readonly from: number;
  readonly to: number;
}

/** A source file as it was read. `name` is what the user called it (a path, or `-`). */
export interface SourceFile {
  readonly id: FileId;
  readonly name: string;
  readonly text: string;
}
