import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { prebuiltCode } from './prebuilt-code';

/**
 * Code of your own for each of the handlers.
 */
export interface HandlerBinaries {
  /**
   * What takes the webhook's requests.
   */
  readonly webhook: lambda.Code;

  /**
   * What puts parked messages on the bus.
   */
  readonly redrive: lambda.Code;

  /**
   * What takes commands to Momento.
   *
   * @default - none: needed for `Delivery.lambda()` alone
   */
  readonly deliver?: lambda.Code;

  /**
   * What gives a connection the API key that a secret holds.
   *
   * @default - none: needed for `followSecretRotation` alone
   */
  readonly followRotation?: lambda.Code;
}

/**
 * Where the machine code of the handlers comes from.
 */
export abstract class HandlerCode {
  /**
   * The binaries that this package carries: nothing is built on your machine.
   */
  public static prebuilt(): HandlerCode {
    return new PrebuiltHandlerCode();
  }

  /**
   * Code of your own, for example the handlers built from source with your own settings. Each must hold an executable
   * named `bootstrap` for Amazon Linux 2023 and the architecture of the construct it is given to.
   *
   * @param binaries what the functions run
   */
  public static fromCode(binaries: HandlerBinaries): HandlerCode {
    return new GivenHandlerCode(binaries);
  }

  /**
   * The code of one handler. Called by the construct that deploys it.
   *
   * @param binary the handler's name: `webhook`, `redrive`, `deliver` or `follow-rotation`
   * @param architecture what the function runs on
   */
  public abstract bind(binary: string, architecture: lambda.Architecture): lambda.Code;
}

class PrebuiltHandlerCode extends HandlerCode {
  public bind(binary: string, architecture: lambda.Architecture): lambda.Code {
    // One level up from constructs/ as from lib/, into which it is compiled.
    return prebuiltCode(path.join(__dirname, '..', 'assets'), binary, architecture);
  }
}

class GivenHandlerCode extends HandlerCode {
  public constructor(private readonly binaries: HandlerBinaries) {
    super();
  }

  public bind(binary: string): lambda.Code {
    const { followRotation, ...binaries } = this.binaries;
    const code = new Map(Object.entries({ ...binaries, 'follow-rotation': followRotation })).get(binary);
    if (code === undefined) {
      throw new Error(`handlerCode has no code for the handler ${binary}. Give it to HandlerCode.fromCode(...).`);
    }
    return code;
  }
}
