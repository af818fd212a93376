// Descriptors of a step and pages in them.
import { number, type Wanted, type Writer } from './writer.ts';

/** The name of the descriptor of a step; a descriptor that is no guest_memfd, or closed, is made first. */
export function fdOf(writer: Writer, step: Wanted): string {
  const fd = step.has('fd') ? step.string('fd') : writer.lastGmem;
  const known = writer.gmems.get(fd)?.name;
  if (known !== undefined) return known;
  const name = writer.fresh(fd.startsWith('closed') ? 'closed' : 'other');
  writer.line(`${name} := memfd_create(4K)`);
  if (fd.startsWith('closed')) writer.line(`close(${name})`);
  return name;
}

/** A place in the guest_memfd of a step, by page index. */
export const pageOf = (writer: Writer, step: Wanted, index: number = step.value('index')): string =>
  `${fdOf(writer, step)}[${number(index * writer.pageSize)}]`;
