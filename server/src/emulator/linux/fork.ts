// fork: a copy of the VMM's address space.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { MAPS_GMEM, pteOf, ptePfn } from './address-spaces.ts';
import { systemCall } from './system-call.ts';

const forkFlow: Flow = flow({
  name: 'copy_process',
  reference: 'kernel/fork.c; mm/memory.c: copy_page_range',
  params: ['mapping'],
  locals: { mapping: 'number', child: 'number', at: 'number', last: 'number', copy: 'number' },
  steps: {
    dup_mm: {
      text: 'mm = dup_mm(tsk, current->mm)',
      run(f) {
        const { spaces } = f.machine.linux;
        f.child = spaces.processes.add();
        if (f.child === 0) return f.return(-ERRNO.ENOMEM);
        const parent = spaces.mappings.get(f.mapping, 'process');
        f.last = spaces.mappings.last;
        spaces.processes.set(f.child, 'next', spaces.processes.get(parent, 'next'));
      },
    },
    dup_mmap: {
      text: 'for_each_vma(old_vmi, mpnt): vm_area_dup, get_file; if (vma_needs_copy(…)) copy_page_range: pages of a private mapping, write-protected in both; those of a shared one come with a fault',
      run(f) {
        const { spaces, gmem } = f.machine.linux;
        const { mappings } = spaces;
        const parent = mappings.get(f.mapping, 'process');
        f.at++;
        if (f.at > f.last) return f.goto('wake_up_new_task');
        if (mappings.get(f.at, 'process') !== parent || mappings.get(f.at, 'pages left') === 0)
          return f.goto('dup_mmap');
        const copy = spaces.copyMapping(f.at, f.child);
        if (copy === 0) return f.return(-ERRNO.ENOMEM);
        if (f.at === f.mapping) f.copy = copy;
        const start = mappings.get(f.at, 'start');
        const end = mappings.get(f.at, 'shared') === 1 ? start : start + mappings.get(f.at, 'pages');
        spaces.eachPte(parent, start, end, (page, pte) => {
          const copied = pteOf(ptePfn(pte), false);
          spaces.setPte(f.child, page, copied);
          if (copied !== pte) spaces.setPte(parent, page, copied);
        });
        if (mappings.get(f.at, 'kind') === MAPS_GMEM) gmem.files.count(mappings.get(f.at, 'file'), 'references', 1);
        f.goto('dup_mmap');
      },
    },
    wake_up_new_task: {
      text: 'wake_up_new_task(p)',
      run: (f) => f.return(0, f.copy),
    },
  },
});

export const fork = systemCall({
  name: 'fork',
  since: 'linux/6.8',
  summary: 'Makes a child process with a copy of the VMM’s address space.',
  reference: 'kernel/fork.c: copy_process',
  params: [{ name: 'mapping', type: 'mapping', text: 'a mapping that the child is to access' }],
  outputs: [{ name: 'mapping', type: 'mapping', valid: 'SUCCESS', text: 'the child’s copy of it' }],
  errors: ['ENOMEM'],
  effects: [
    'shared mappings of the child show the same pages, private ones a copy once either writes',
    'the child keeps files open that it maps; KVM ioctls are for the process that made the VM',
  ],
  flow: forkFlow,
});
