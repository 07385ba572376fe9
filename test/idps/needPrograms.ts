import { hasSimpleSamlPhp } from '../support/simpleSamlPhp.ts'

/** Says in a sentence what would else be a heap of failures. */
export function setup(): void {
  if (!hasSimpleSamlPhp())
    throw new Error('SimpleSAMLphp is not here: install the packages simplesamlphp, php-cli, php-xml and php-mbstring')
}
