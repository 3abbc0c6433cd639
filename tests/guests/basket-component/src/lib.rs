//! Baskets of a shop, as docs/components.md shows them.

use std::cell::Cell;

use exports::acme::shop::baskets::{Guest, GuestBasket};

wit_bindgen::generate!({
    inline: "package acme:shop@1.0.0;
             interface baskets {
                 resource basket {
                     constructor(customer: string);
                     add: func(price: u32);
                     total: func() -> u64;
                 }
             }
             world shop { export baskets; }",
});

struct Shop;

export!(Shop);

struct Basket {
    customer: String,
    total: Cell<u64>,
}

impl Guest for Shop {
    type Basket = Basket;
}

impl GuestBasket for Basket {
    fn new(customer: String) -> Self {
        Basket { customer, total: Cell::new(0) }
    }

    fn add(&self, price: u32) {
        self.total.set(self.total.get() + u64::from(price));
    }

    fn total(&self) -> u64 {
        self.total.get()
    }
}

impl Drop for Basket {
    fn drop(&mut self) {
        println!("{} paid {}", self.customer, self.total.get());
    }
}
