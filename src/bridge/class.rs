//! Java classes that Rust uses. Each is looked up once, when the library is loaded: later there may be too little stack
//! or heap for it, as a look-up calls Java.
//!
//! A class is kept weakly, as is everything of Java that lies in a static. A strong reference would keep the class's
//! loader, and with it this library, for ever.

use std::sync::OnceLock;

use jni::Env;
use jni::objects::JClass;
use jni::refs::{LoaderContext, Weak};
use jni::strings::JNIStr;

/// A class, and what Rust uses of it: ids of methods and fields.
pub struct JavaClass<Members> {
    name: &'static JNIStr,
    found: OnceLock<(Weak<JClass<'static>>, Members)>,
}

impl<Members> JavaClass<Members> {
    /// Names a class, as `Class.forName` takes it.
    pub const fn new(name: &'static JNIStr) -> Self {
        JavaClass { name, found: OnceLock::new() }
    }

    /// Looks the class and its members up.
    pub fn find(
        &self,
        env: &mut Env<'_>,
        loader: &LoaderContext<'_, '_>,
        members: impl FnOnce(&mut Env<'_>, &JClass<'_>) -> jni::errors::Result<Members>,
    ) -> jni::errors::Result<()> {
        let class = loader.load_class(env, self.name, false)?;
        let members = members(env, &class)?;
        let class = env.new_weak_ref(&class)?;
        self.found.get_or_init(|| (class, members));
        Ok(())
    }

    /// Returns whether the class was found: before, not even its exceptions can be thrown.
    pub fn is_found(&self) -> bool {
        self.found.get().is_some()
    }

    /// Returns the members. They are good while the class is loaded: while Java is calling, or is called.
    #[inline]
    pub fn members(&self) -> &Members {
        &self.found().1
    }

    /// Returns the class itself, by a local reference.
    pub fn local<'l>(&self, env: &mut Env<'l>) -> jni::errors::Result<JClass<'l>> {
        Ok(self.found().0.upgrade_local(env)?.expect("the class that is calling us has the same loader"))
    }

    #[inline]
    fn found(&self) -> &(Weak<JClass<'static>>, Members) {
        self.found.get().expect("found when the library was loaded")
    }
}
