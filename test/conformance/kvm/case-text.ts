// A case as a scenario: its header, and each of its steps in the words of the language.

import { CCA_STEPS } from './cca-steps.ts';
import { settleFaults } from './faults.ts';
import { GMEM_STEPS } from './gmem-steps.ts';
import { GUEST_STEPS } from './guest-steps.ts';
import { HOST_STEPS } from './host-steps.ts';
import { LOOK_STEPS, writeStates } from './look-steps.ts';
import { modelOf, platformHeader } from './profiles.ts';
import { RIG_STEPS } from './rig-steps.ts';
import type { Case } from './scenario-file.ts';
import { VM_STEPS, type Writes } from './vm-steps.ts';
import { number, Wanted, Writer } from './writer.ts';

/** `guest` stands for all vCPUs; words that mean the same for every other actor are in one table. */
const BY_ACTOR: Readonly<Record<string, Readonly<Record<string, Writes>>>> = {
  guest: GUEST_STEPS,
  check: LOOK_STEPS,
};
const OTHERS: Readonly<Record<string, Writes>> = {
  ...VM_STEPS,
  ...GMEM_STEPS,
  ...HOST_STEPS,
  ...RIG_STEPS,
  ...CCA_STEPS,
  kvm_run: GUEST_STEPS.kvm_run ?? (() => undefined),
  get_mempolicy: LOOK_STEPS.get_mempolicy ?? (() => undefined),
  query_nodes: LOOK_STEPS.query_nodes ?? (() => undefined),
};

const actorOf = (actor: string) => actor.split(':')[0] ?? '';

function writeHeader(writer: Writer, one: Case): void {
  const size = one.steps.find(({ op }) => op === 'set_page_size')?.args.page;
  const nodes = Math.max(
    1,
    ...one.steps.flatMap(({ args }) => (Array.isArray(args.nodes) ? args.nodes : [])).map((node) => Number(node) + 1),
  );
  writer.line('// SPDX-License-Identifier: Apache-2.0');
  writer.line(`// ${one.title}`);
  writer.line(`scenario "${one.id}: ${one.title.replaceAll('"', "'")}"`);
  writer.line(`model    "${modelOf(one)}"`);
  writer.line(`platform ${platformHeader(one)}`);
  writer.line(`page     ${number(size ?? 4096)}`);
  if (nodes > 1) writer.line(`nodes    ${nodes}`);
  if (one.steps.some(loses)) writer.line('allow    leak');
  // What becomes of such a page afterwards is what a case is about that lets it go.
  if (one.steps.some(({ args }) => args.on_undelegate_failure === 'WARN')) writer.line('allow    freed_is_hosts');
  writer.line('');
}

/** A case may be about a page that is lost: it says so of its pages, counts what is, or lets something fail. */
const loses = (step: unknown): boolean => /leak|undelegate|"inject"/i.test(JSON.stringify(step, bigAsText));

const bigAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** The text of a case, with the step of each line. */
export function writeCase(one: Case): Writer {
  const writer = new Writer(modelOf(one));
  writeHeader(writer, one);
  for (const step of one.steps) {
    writer.begin(step.n);
    const wanted = new Wanted(step, one.expect);
    const actor = actorOf(step.actor);
    const write = (BY_ACTOR[actor] ?? OTHERS)[step.op];
    if (write) write(writer, wanted);
    else writer.lacks(`operation for ${step.op}`);
    writeStates(writer, wanted);
  }
  if (writer.faults.length > 0) settleFaults(writer);
  return writer;
}
