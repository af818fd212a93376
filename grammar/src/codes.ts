// The syntax errors, CCS1xx: what each one means, its smallest example and how to mend it. The reference page prints this.

export interface SyntaxCode {
  /** One sentence: what is wrong. */
  readonly meaning: string;
  /** The smallest text that has the problem. */
  readonly example: string;
  /** The same text without it. */
  readonly mended: string;
  /** How to mend it. */
  readonly fix: string;
}

export const syntaxCodes = {
  CCS101: {
    meaning: 'The line begins with something that begins no statement.',
    example: '"text"',
    mended: 'KVM_RUN(vcpu0)',
    fix: 'Begin the line with a call, a statement word such as `let` or `expect`, or `//`.',
  },
  CCS102: {
    meaning: 'A bracket is opened and never closed.',
    example: 'RMI_GRANULE_DELEGATE(0x8800_0000',
    mended: 'RMI_GRANULE_DELEGATE(0x8800_0000)',
    fix: 'Close it. Inside brackets a line may end after `,` or an opening bracket only.',
  },
  CCS103: {
    meaning: 'A value is missing.',
    example: 'let GPA =',
    mended: 'let GPA = 0x8000_0000',
    fix: 'Write a number, a name, a string, a call, `name[offset]` or something in brackets.',
  },
  CCS104: {
    meaning: 'The statement is complete and the line goes on.',
    example: 'KVM_RUN(vcpu0) KVM_RUN(vcpu1)',
    mended: 'KVM_RUN(vcpu0)\nKVM_RUN(vcpu1)',
    fix: 'Write one statement on a line.',
  },
  CCS105: {
    meaning: 'The name of an operation stands there without its arguments.',
    example: 'KVM_RUN vcpu0',
    mended: 'KVM_RUN(vcpu0)',
    fix: 'Write the arguments in brackets behind the name, `()` when there are none.',
  },
  CCS106: {
    meaning: 'Arguments or an offset are neither separated by `,` nor closed.',
    example: 'KVM_CREATE_VCPU(vm 0)',
    mended: 'KVM_CREATE_VCPU(vm, 0)',
    fix: 'Separate arguments with `,` and close the bracket that was opened.',
  },
  CCS107: {
    meaning: 'What stands after `=` is not a result.',
    example: 'KVM_RUN(vcpu0) = "0"',
    mended: 'KVM_RUN(vcpu0) = 0',
    fix: 'Write a number, `-EAGAIN` or `-1 EAGAIN`, a status such as `RMI_ERROR_RTT(2)`, or `*`; `|` between alternatives.',
  },
  CCS108: {
    meaning: 'A conversation line does not stand below a call, or is not a call itself.',
    example: 'KVM_RUN(vcpu0)\n  > 0',
    mended: 'KVM_RUN(vcpu0)\n  > RMI_REC_ENTER(*)',
    fix: 'Below a call write `> CALL(…)`, `> ...` or `< CALL(…)`, each on its own line.',
  },
  CCS109: {
    meaning: 'A string is not closed on its line, or has an escape that does not exist.',
    example: 'include "lib',
    mended: 'include "lib/realm.cocoscn"',
    fix: 'Close it with `"`. The escapes are \\" \\\\ \\n and \\t.',
  },
  CCS110: {
    meaning: 'A comment is opened with `/*` and never closed.',
    example: '/* what happens here',
    mended: '/* what happens here */',
    fix: 'Close it with `*/`, or begin each line with `//`.',
  },
  CCS111: {
    meaning: 'Something begins with a digit and is not a number.',
    example: 'let SIZE = 0x',
    mended: 'let SIZE = 0x10',
    fix: 'Write decimal or 0x and hexadecimal digits, `_` between digits, and K, M, G or T at the end for powers of 1024.',
  },
  CCS112: {
    meaning: 'A number does not fit 64 bits.',
    example: 'let TOP = 0x1_0000_0000_0000_0000',
    mended: 'let TOP = 0xffff_ffff_ffff_ffff',
    fix: 'Write a number up to 0xffff_ffff_ffff_ffff.',
  },
  CCS113: {
    meaning: 'A character has no meaning outside of strings and comments.',
    example: 'KVM_RUN(vcpu0);',
    mended: 'KVM_RUN(vcpu0)',
    fix: 'Take it out, or put the text into a comment.',
  },
  CCS114: {
    meaning: 'A header line is not complete.',
    example: 'scenario "a line shown in lists"\npage large',
    mended: 'scenario "a line shown in lists"\npage 4K',
    fix: 'The message shows how this header is written.',
  },
  CCS115: {
    meaning: 'A header line stands in the wrong place or is missing.',
    example: 'scenario "a line shown in lists"\nKVM_RUN(vcpu0)\npage 4K',
    mended: 'scenario "a line shown in lists"\npage 4K\nKVM_RUN(vcpu0)',
    fix: 'Write `scenario "…"` first, then the other header lines, then the statements.',
  },
  CCS116: {
    meaning: 'A `let` line is not complete.',
    example: 'let = 0x8000_0000',
    mended: 'let GPA = 0x8000_0000',
    fix: 'Write `let NAME = VALUE`.',
  },
  CCS117: {
    meaning: 'The first line of a `def` is not complete.',
    example: 'def populate {\n}',
    mended: 'def populate() {\n}',
    fix: 'Write `def NAME(PARAMETER, …) {`.',
  },
  CCS118: {
    meaning: 'The first line of an `actor` is not complete.',
    example: 'actor {\n}',
    mended: 'actor guest {\n}',
    fix: 'Write `actor NAME {`.',
  },
  CCS119: {
    meaning: 'The first line of a `for` is not complete.',
    example: 'for off = 0 .. 64K {\n}',
    mended: 'for off in 0 .. 64K step 4K {\n}',
    fix: 'Write `for NAME in RANGE step SIZE {`; `step SIZE` may be left out.',
  },
  CCS120: {
    meaning: 'A file is included by something other than its path in quotes.',
    example: 'include lib',
    mended: 'include "lib/realm.cocoscn"',
    fix: 'Write `include "PATH"`.',
  },
  CCS121: {
    meaning: 'An `inject` line is not complete.',
    example: 'inject alloc 3 = -ENOMEM',
    mended: 'inject alloc nth 3 = -ENOMEM',
    fix: 'Write `inject OPERATION nth NUMBER = RESULT`.',
  },
  CCS122: {
    meaning: 'A `schedule` line is not a list of steps.',
    example: 'schedule "io"',
    mended: 'schedule io.a, guest.f',
    fix: 'Write `schedule ACTOR.LABEL, ACTOR.LABEL, …`.',
  },
  CCS123: {
    meaning: 'After `is` stands something other than a state.',
    example: 'expect granule(0x8800_0000) is 0',
    mended: 'expect granule(0x8800_0000) is DELEGATED',
    fix: 'Write the name of a state, `|` between alternatives.',
  },
  CCS124: {
    meaning: 'A record is not a list of `name: value` in braces.',
    example: 'RMI_REALM_CREATE(rd, {s2sz})',
    mended: 'RMI_REALM_CREATE(rd, {s2sz: 40})',
    fix: 'Write `{NAME: VALUE, NAME: VALUE}`.',
  },
  CCS125: {
    meaning: 'A block does not begin with `{` at the end of its line.',
    example: 'when platform == snp\nKVM_RUN(vcpu0)',
    mended: 'when platform == snp {\nKVM_RUN(vcpu0)\n}',
    fix: 'End the line with `{`; the statements stand on lines of their own, `}` on the line after them.',
  },
  CCS126: {
    meaning: 'A block is never closed.',
    example: 'actor guest {\nKVM_RUN(vcpu0)',
    mended: 'actor guest {\nKVM_RUN(vcpu0)\n}',
    fix: 'Write `}` on a line of its own after the statements.',
  },
  CCS127: {
    meaning: 'A `}` closes nothing.',
    example: 'KVM_RUN(vcpu0)\n}',
    mended: 'KVM_RUN(vcpu0)',
    fix: 'Take it out, or look for the block that was meant to begin above it.',
  },
  CCS128: {
    meaning: 'Brackets, blocks or operators are nested or chained deeper than the language allows.',
    example: '(a call with more than 100 brackets open at once)',
    mended: '(the inner part named with let)',
    fix: 'Name a part of it with `let`, or move it to a `def`.',
  },
  CCS129: {
    meaning: 'Comparisons or ranges follow one another, or a range, `*` or a record stands where a plain value must.',
    example: 'expect 0 < GPA < 4K',
    mended: 'expect 0 < GPA && GPA < 4K',
    fix: 'Compare two values at a time and join with `&&`; name a range with `let`.',
  },
  CCS130: {
    meaning: 'The file or a line of it is longer than the language allows.',
    example: '(a file above 4 MB)',
    mended: '(several smaller files)',
    fix: 'Check that it is a scenario; move shared parts to files that are included.',
  },
  CCS131: {
    meaning: 'The file has more problems than are listed.',
    example: '(a file with more than 100 damaged lines)',
    mended: '(the same file with the first of them mended)',
    fix: 'Mend the problems above; the rest of the file is read then.',
  },
} as const satisfies Record<string, SyntaxCode>;

export type SyntaxCodeName = keyof typeof syntaxCodes;
