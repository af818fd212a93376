// Error numbers of Linux, by name; the kernel returns them negated.

export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EMFILE: 24,
  ENOTTY: 25,
  EFBIG: 27,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
  EHWPOISON: 133,
  ENOEXEC: 8,
} as const;
export type Errno = keyof typeof ERRNO;

const names = new Map(Object.entries(ERRNO).map(([name, value]) => [value as number, name]));

/** `-EAGAIN` for -11; a number that is no errno is written as it is. */
export const errnoText = (code: number): string => {
  const name = code < 0 ? names.get(-code) : undefined;
  return name === undefined ? String(code) : `-${name}`;
};
