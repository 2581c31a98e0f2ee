import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['bin/', 'lib/', 'dist/', '**/target/', '**/cdk.out/', '.venv/', '.venv-checkov/'] },
  // Its types are those of a newer aws-cdk-lib than this repository has: its test checks them.
  { ignores: ['test/package/apps/nag/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    // One program for all: a service would make one for each example's tsconfig.json too, which took 111 s of CPU and not 30.
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      // node:test reports a rejected test itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'describe', 'it'] }] },
      ],
    },
  },
);
