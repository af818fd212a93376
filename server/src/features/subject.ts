// What a feature is asked about: a document, and the scenario whose run says what its statements do.
import type { File } from '../../../grammar/src/index.ts';
import type { SourceFile } from '../scenario/index.ts';
import type { Analysis } from './analysis.ts';

export interface Subject {
  /** The document's own syntax tree. */
  readonly tree: File;
  /** The analysis of the document, or of a scenario that includes it. */
  readonly analysis: Analysis;
  /** The document as a file of that analysis. */
  readonly file: SourceFile;
}

/** A scenario that stands for itself. */
export const ownSubject = (analysis: Analysis): Subject => ({
  tree: analysis.program.tree,
  analysis,
  file: analysis.program.main,
});
