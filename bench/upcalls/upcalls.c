/* Calls a Java function from a native method in two ways: see Upcalls.java. */
#include <jni.h>
#include <stdint.h>

typedef jlong (*Stub)(jlong number, jlong a, jlong b, jlong c, jlong d);

/* Calls the method of an object by JNI. Returns the sum of the results. */
JNIEXPORT jlong JNICALL Java_Upcalls_jni(JNIEnv *env, jclass class, jclass type, jobject function, jlong times) {
  jmethodID method = (*env)->GetMethodID(env, type, "call", "(JJJJ)J");
  jobject target = (*env)->NewGlobalRef(env, function);
  jlong sum = 0;
  for (jlong i = 0; i < times && !(*env)->ExceptionCheck(env); i++) {
    jvalue arguments[4] = {{.j = i}};
    sum += (*env)->CallLongMethodA(env, target, method, arguments);
  }
  (*env)->DeleteGlobalRef(env, target);
  return sum;
}

/* Calls the function of that number by a stub. Returns the sum of the results. */
JNIEXPORT jlong JNICALL Java_Upcalls_stub(JNIEnv *env, jclass class, jlong address, jlong number, jlong times) {
  Stub stub = (Stub) (intptr_t) address;
  jlong sum = 0;
  for (jlong i = 0; i < times; i++) {
    sum += stub(number, i, 0, 0, 0);
  }
  return sum;
}
