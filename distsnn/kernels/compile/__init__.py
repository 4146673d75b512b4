"""From a declared kernel to object code that ranks load without the compiler."""
