// The platforms that a machine has, and those that it does not have yet.

import { realm } from '../arm-cca/platform.ts';
import { ordinary } from './ordinary.ts';
import type { Platform } from './platform.ts';
import { softwareProtected } from './software-protected.ts';

/** The first one that knows a VM type has it. */
export const PLATFORMS: readonly Platform[] = [ordinary, softwareProtected, realm];
