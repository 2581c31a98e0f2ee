import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { prebuiltCode } from './prebuilt-code';

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
   * Code of your own, for example the handler built from source with your own settings. It must hold an executable
   * named `bootstrap` for Amazon Linux 2023 and the architecture of the construct it is given to.
   *
   * @param code what the function runs
   */
  public static fromCode(code: lambda.Code): HandlerCode {
    return new GivenHandlerCode(code);
  }

  /**
   * The code of one handler. Called by the construct that deploys it.
   *
   * @param binary the handler's name, `webhook`
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
  public constructor(private readonly code: lambda.Code) {
    super();
  }

  public bind(): lambda.Code {
    return this.code;
  }
}
