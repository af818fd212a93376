// File descriptors of the VMM, and the references that drivers take to pages.
import type { Store } from '../../store/index.ts';
import { Rows } from './rows.ts';

/** What a descriptor refers to. */
export const FD_GMEM = 1;
export const FD_MEMFD = 2;

/** RLIMIT_NOFILE: descriptors that a process may have. */
const MOST_DESCRIPTORS = 4096;

/** One row a descriptor; `object` is a gmem file, or an inode for memfd. A closed one keeps its object for those who look. */
export class Descriptors {
  readonly rows: Rows<'kind' | 'object' | 'open'>;

  constructor(store: Store) {
    this.rows = new Rows(store, 'descriptor', ['kind', 'object', 'open'], MOST_DESCRIPTORS);
  }

  /** The new descriptor, 0 if the process has too many. */
  open(kind: number, object: number): number {
    const fd = this.rows.add();
    if (fd === 0) return 0;
    this.rows.set(fd, 'kind', kind);
    this.rows.set(fd, 'object', object);
    this.rows.set(fd, 'open', 1);
    return fd;
  }

  get full(): boolean {
    return this.rows.last + 1 >= MOST_DESCRIPTORS;
  }

  isOpen(fd: number): boolean {
    return this.rows.has(fd) && this.rows.get(fd, 'open') === 1;
  }

  /** The gmem file behind a descriptor, open or closed; 0 if it is something else. */
  gmemFile(fd: number): number {
    return this.rows.has(fd) && this.rows.get(fd, 'kind') === FD_GMEM ? this.rows.get(fd, 'object') : 0;
  }
}

/** How a page is held. */
export const HELD_GET = 0;
export const HELD_PIN = 1;
export const HELD_LONGTERM = 2;

/** One row a call of get_user_pages or pin_user_pages; `pages` is the root of the array of frames. */
export class Pins {
  readonly rows: Rows<'kind' | 'count' | 'held' | 'pages'>;

  constructor(store: Store) {
    this.rows = new Rows(store, 'pin', ['kind', 'count', 'held', 'pages'], 4096);
  }
}
